// The conversation: what the citizen does becomes a message that is kept until the server has it.
(function () {
  "use strict";

  var unsent = window.CauNoi.unsent;
  var view = window.CauNoi.view;
  var files = window.CauNoi.files;
  var text = document.getElementById("text");
  var LOCATE = { enableHighAccuracy: true, timeout: 15000, maximumAge: 60000 };
  var PHONE = /^\+?[0-9][0-9 .\-]{7,18}[0-9]$/;
  var TYPING_SECONDS = 6;

  var newest = 0;
  var pastKnown = false;
  var refusals = 0;
  var busy = null;
  var pause = null;
  var heard = 0;
  var heardBefore = 0;

  var link = new window.CauNoi.Link({
    opened: function () {
      refusals = 0;
      hello();
    },
    closed: function (refused) {
      refusals = refused ? refusals + 1 : 0;
      if (refusals === 3) {
        // The cookie may be gone: the page brings a new one. Without a network it stays as it is.
        fetch("/", { method: "HEAD", credentials: "same-origin" }).catch(function () {});
      }
      view.setStatus("offline");
      view.note("offlineNotice");
      stop();
    },
    elsewhere: function () {
      view.setStatus("offline");
      view.note("elsewhere");
      stop();
    },
    frame: function (frame) {
      if (receive[frame.type]) {
        receive[frame.type](frame);
      }
    }
  });

  var act = {
    press: function (button) {
      keep({ type: "press", payload: button.payload, title: button.title });
    },
    shareLocation: shareLocation,
    phone: function (number) {
      if (PHONE.test(number)) {
        view.note("");
        keep({ type: "contact", phone: number });
      } else {
        view.note("badPhone", 8);
      }
    }
  };

  var receive = {
    ready: function () {
      view.setStatus("online");
      view.noteWell();
      busy = null;
      send();
    },
    history: function (frame) {
      pastKnown = true;
      view.quietly(function () {
        view.clear();
        frame.items.forEach(function (item) {
          if (item.type === "own") {
            view.showOwn(item, "kept");
          } else {
            view.showMessage(item, act);
          }
        });
        unsent.all().forEach(showUnsent);
        view.toEnd();
      });
      seen(frame.items.filter(function (item) { return item.type === "message"; }));
    },
    message: function (frame) {
      heard += 1;
      view.showMessage(frame, act);
      seen([frame]);
    },
    ack: function (frame) {
      unsent.remove(frame.id);
      view.setState(frame.id, "kept");
      view.noteWell();
      if (heard === heardBefore) {
        view.showTyping(TYPING_SECONDS);
      }
      next(frame.id);
    },
    later: function (frame) {
      view.note(named(frame.code));
      if (frame.id === null) {
        pause = setTimeout(hello, frame.after * 1000);
      } else {
        tryAgain(frame.id, frame.after);
      }
    },
    error: function (frame) {
      if (frame.id !== null) {
        giveUp(frame.id, frame.code);
      }
    }
  };

  function hello() {
    link.send({ type: "hello", last: pastKnown ? newest : 0 });
    link.expectAnswer();
  }

  // The name of the words for a code of the server: too_fast, tooFast.
  function named(code) {
    return code.replace(/_(.)/g, function (_, letter) { return letter.toUpperCase(); });
  }

  function seen(messages) {
    var ids = messages.map(function (message) { return message.id; });
    if (ids.length) {
      newest = Math.max.apply(null, ids.concat(newest));
      link.send({ type: "seen", ids: ids });
    }
  }

  // Keeps what the citizen did, shows it as waiting, and starts sending.
  function keep(item, chosen) {
    item.id = unsent.newId();
    item.order = unsent.nextOrder();
    item.at = new Date().toISOString();
    if (chosen) {
      unsent.putFiles(item.id, chosen);
    }
    unsent.put(item);
    showUnsent(item);
    send();
  }

  function showUnsent(item) {
    var shown = {
      id: item.id, at: item.at, kind: item.type,
      text: item.text || item.title || item.phone || ""
    };
    if (item.type !== "media") {
      view.showOwn(shown, "waiting");
      return;
    }
    unsent.filesOf(item.id).then(function (blobs) {
      shown.media = blobs.map(function (blob) {
        return { kind: files.kindOf(blob), src: URL.createObjectURL(blob) };
      });
      view.showOwn(shown, unsent.has(item.id) ? "waiting" : "kept");
    });
  }

  // One message at a time, the oldest first: so they arrive in the order they were written.
  function send() {
    var item = unsent.all()[0];
    if (busy !== null || !link.isOpen() || !item) {
      return;
    }
    busy = item.id;
    if (item.type === "media" && !item.refs) {
      uploadAll(item);
    } else {
      post(item);
    }
  }

  function post(item) {
    var frame = {};
    Object.keys(item).forEach(function (key) {
      if (key !== "at") {
        frame[key] = item[key];
      }
    });
    view.setState(item.id, "sending");
    heardBefore = heard;
    link.send(frame);
    link.expectAnswer();
  }

  function uploadAll(item) {
    var refs = [];
    var line = link.socket;
    unsent.filesOf(item.id).then(function (blobs) {
      if (!blobs.length) {
        throw { code: "media_unknown", after: null };
      }
      return blobs.reduce(function (before, blob, number) {
        return before.then(function () {
          return files.shrink(blob);
        }).then(function (small) {
          return files.upload(small, function (part) {
            var percent = Math.floor((number + part) / blobs.length * 100);
            view.setState(item.id, "uploading", percent + "%");
          });
        }).then(function (ref) { refs.push(ref); });
      }, Promise.resolve());
    }).then(function () {
      item.refs = refs;
      unsent.put(item);
      if (busy === item.id && link.socket === line) {
        post(item);
      } else {
        send();
      }
    }).catch(function (refused) {
      if (refused.after === null) {
        giveUp(item.id, refused.code);
      } else {
        view.note(refused.code ? named(refused.code) : "");
        tryAgain(item.id, refused.after || 3);
      }
    });
  }

  function next(id) {
    if (busy === id) {
      busy = null;
    }
    send();
  }

  function tryAgain(id, seconds) {
    view.setState(id, "waiting");
    clearTimeout(pause);
    pause = setTimeout(function () {
      view.noteWell();
      next(id);
    }, seconds * 1000);
  }

  function giveUp(id, code) {
    unsent.remove(id);
    view.setState(id, "failed");
    view.note(named(code));
    next(id);
  }

  function stop() {
    clearTimeout(pause);
    if (busy !== null) {
      view.setState(busy, "waiting");
    }
    busy = null;
  }

  function shareLocation() {
    if (!navigator.geolocation || window.isSecureContext === false) {
      view.note("locationUnsupported", 12);
      return;
    }
    view.note("locating", LOCATE.timeout / 1000 + 5);
    navigator.geolocation.getCurrentPosition(function (found) {
      view.note("");
      keep({
        type: "location", latitude: found.coords.latitude, longitude: found.coords.longitude
      });
    }, function (error) {
      view.note(error.code === 1 ? "locationRefused" : "locationUnavailable", 15);
    }, LOCATE);
  }

  function submit() {
    var words = text.value.trim();
    var picked = files.take();
    if (!words && !picked.length) {
      text.focus();
      return;
    }
    text.value = "";
    fit();
    if (picked.length) {
      keep({ type: "media", text: words }, picked);
    } else {
      keep({ type: "text", text: words });
    }
  }

  function fit() {
    text.style.height = "auto";
    text.style.height = text.scrollHeight + 3 + "px";
  }

  document.getElementById("composer").addEventListener("submit", function (event) {
    event.preventDefault();
    submit();
    text.focus();
  });
  text.addEventListener("input", fit);
  text.addEventListener("keydown", function (event) {
    // On a keyboard Enter sends; while Vietnamese is being composed it only ends the word.
    var byHand = window.matchMedia("(hover: hover) and (pointer: fine)").matches;
    if (event.key === "Enter" && !event.shiftKey && !event.isComposing && byHand) {
      event.preventDefault();
      submit();
    }
  });
  document.getElementById("share-location").onclick = shareLocation;

  unsent.all().forEach(showUnsent);
  link.connect();
})();
