"""Settings: environment variables, also from a `.env` file, which the environment beats."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent
"""The project's root: domain.yml, config.yml, data/ and models/ are read from here."""


class Settings(BaseSettings):
    """Every setting with its meaning; the program starts without those it does not need."""

    model_config = SettingsConfigDict(
        env_file=".env", env_file_encoding="utf-8", extra="ignore", env_ignore_empty=True
    )

    database_url: str = Field(
        "", description="sqlite:///path or postgresql://user@host/name; default: SQLite in DATA_DIR"
    )
    host: str = Field("127.0.0.1", description="address to listen on")
    port: int = Field(8080, ge=0, le=65535, description="port to listen on; 0 picks a free one")
    data_dir: Path = Field(Path("var"), description="folder for all that the server writes")
    secret_key: SecretStr | None = Field(
        None,
        min_length=32,
        description="key that encrypts officers' second factors; default: one in DATA_DIR",
    )
    public_url: str = Field("", description="https address at which citizens reach this server")
    public_cases: Literal["on", "off"] = Field(
        "on", description="pages on which everybody sees cases that staff have released"
    )
    model: Path | None = Field(None, description="model archive; default: the newest in models/")
    nlu_url: str = Field("", description="a Rasa server that parses, instead of the embedded model")
    province: str = Field("an_giang", description="folder of local facts under data/local/")

    map_tiles: str = Field(
        "",
        pattern=r"^(https?://(\{s\}\.)?[A-Za-z0-9.-]+(:\d+)?/\S*\{z\}\S*)?$",
        description="tiles of maps, https://…/{z}/{x}/{y}.png; default: none is asked",
    )
    map_attribution: str = Field("", description="whose map MAP_TILES is, shown in its corner")

    telegram_token: SecretStr | None = Field(None, description="token of the Telegram bot")
    telegram_api_url: str = Field("https://api.telegram.org", description="Bot API server")
    telegram_mode: Literal["webhook", "polling"] = Field(
        "polling", description="webhook (needs PUBLIC_URL and a secret) or polling"
    )
    telegram_webhook_secret: SecretStr | None = Field(
        None, description="1 to 256 of A-Z a-z 0-9 _ -; Telegram sends it back in a header"
    )
    telegram_staff_chat_id: int | None = Field(None, description="group of the staff")
    telegram_messages_per_second: int = Field(
        30, ge=0, description="send limit over all chats (0: none, for a private Bot API server)"
    )

    zalo_oa_app_id: str = Field("", description="id of the Zalo app")
    zalo_oa_app_secret: SecretStr | None = Field(None, description="secret of the Zalo app")
    zalo_oa_secret_key: SecretStr | None = Field(None, description="OA key that signs webhooks")
    zalo_oa_refresh_token: SecretStr | None = Field(None, description="first refresh token")
    zalo_openapi_url: str = Field("https://openapi.zalo.me", description="Zalo OpenAPI server")
    zalo_oauth_url: str = Field("https://oauth.zaloapp.com", description="Zalo OAuth server")
    zalo_site_verification: str = Field("", description="content of Zalo's domain meta tag")

    dossier_api_url: str = Field("", description="one-stop system; {code} stands for the code")
    dossier_api_key: SecretStr | None = Field(None, description="key of the one-stop system")
    dossier_api_fields: Path | None = Field(
        None, description="YAML file that maps the one-stop system's fields to ours"
    )

    @property
    def local_dir(self) -> Path:
        """The tables of the province."""
        return ROOT / "data" / "local" / self.province

    @property
    def media_dir(self) -> Path:
        return self.data_dir / "media"

    @property
    def effective_database_url(self) -> str:
        return self.database_url or f"sqlite:///{self.data_dir / 'caunoi.db'}"

    @property
    def public_cases_on(self) -> bool:
        return self.public_cases == "on"

    @property
    def telegram_on(self) -> bool:
        return self.telegram_token is not None

    @property
    def zalo_oa_on(self) -> bool:
        return bool(
            self.zalo_oa_app_id
            and self.zalo_oa_app_secret
            and self.zalo_oa_secret_key
            and self.zalo_oa_refresh_token
        )


def settings_help() -> str:
    """Every setting, a line each: its name, what it means, its default."""
    lines = []
    for name, field in Settings.model_fields.items():
        default = "" if field.default in (None, "") else f" [{field.default}]"
        lines.append(f"{name.upper():<28} {field.description}{default}")
    return "\n".join(lines)


def describe_errors(error: ValidationError) -> str:
    """What is wrong with the settings: which one, and why; never its value, which may be secret."""
    lines = [
        f"setting {'.'.join(str(part) for part in problem['loc']).upper()}: {problem['msg']}"
        for problem in error.errors(include_input=False, include_url=False)
    ]
    return "\n".join([*lines, "`caunoi serve --help` lists every setting."])
