-- Erases what one citizen wrote, sent and gave, after a request to have personal data deleted.
-- The ticket itself stays, empty, so that figures and deadlines remain true. docs/van-hanh.md says
-- when and how; the chat's number stands beside the request on the staff page.
--
--   sqlite3 -cmd "PRAGMA secure_delete=ON" -cmd ".param set :chat 12" FILE.db < deploy/erase_chat.sql
--   psql -v chat=12 -f deploy/erase_chat.sql DATABASE
--
-- It prints the files of the media folder that are nobody else's: delete them afterwards.

BEGIN;

SELECT DISTINCT path FROM attachment
WHERE conversation_id = :chat
  AND path NOT IN (SELECT path FROM attachment WHERE conversation_id <> :chat);

DELETE FROM attachment WHERE conversation_id = :chat;

-- What still waits is left alone, or it could not be handled any more.
UPDATE inbox_event SET payload = '{}', event_id = 'erased-' || id
WHERE conversation_id = :chat AND status <> 'waiting';

-- The last two: what the staff group was told of this chat and of its tickets.
UPDATE outbox_message SET payload = '{}'
WHERE status <> 'waiting'
  AND (conversation_id = :chat
       OR about_conversation_id = :chat
       OR ticket_id IN (SELECT id FROM ticket WHERE conversation_id = :chat));

UPDATE ticket_event SET detail = '{}'
WHERE ticket_id IN (SELECT id FROM ticket WHERE conversation_id = :chat);

-- What this citizen added to a ticket of somebody else.
UPDATE ticket_event SET detail = '{}'
WHERE kind IN ('add', 'edit') AND CAST(detail ->> 'chat' AS INTEGER) = :chat;

DELETE FROM ticket_message WHERE conversation_id = :chat;

UPDATE citizen_news SET message = '{}', told_at = coalesce(told_at, CURRENT_TIMESTAMP)
WHERE conversation_id = :chat
   OR ticket_id IN (SELECT id FROM ticket WHERE conversation_id = :chat);

DELETE FROM ticket_follower WHERE conversation_id = :chat;

UPDATE ticket
SET text = '', search_text = code, rating_reason = NULL, place_text = NULL, latitude = NULL, longitude = NULL, contact_name = NULL,
    contact_phone = NULL, answer = NULL, urgency_words = NULL
WHERE conversation_id = :chat;

-- What was public of this citizen's tickets.
UPDATE ticket_release
SET text = '', place = '', answer = '', attachment_ids = '[]',
    withdrawn_at = coalesce(withdrawn_at, CURRENT_TIMESTAMP)
WHERE ticket_id IN (SELECT id FROM ticket WHERE conversation_id = :chat);

DELETE FROM dossier_attempt WHERE conversation_id = :chat;

-- The messenger's id of the person. Whoever writes again begins a new chat.
UPDATE conversation
SET state = '{}', chat_id = 'erased-' || id, mode = 'bot', unreachable = true
WHERE id = :chat;

UPDATE handoff SET ended_at = CURRENT_TIMESTAMP
WHERE conversation_id = :chat AND ended_at IS NULL;

COMMIT;
