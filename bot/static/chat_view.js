// What is on the screen. Nothing here talks to the server, and no words are made here: they come
// from the page's data attributes and templates.
(function () {
  "use strict";

  var words = document.getElementById("words").dataset;
  var list = document.getElementById("messages");
  var log = document.getElementById("log");
  var scroll = document.getElementById("scroll");
  var news = document.getElementById("news");
  var notice = document.getElementById("notice");
  var typing = document.getElementById("typing");
  // A web address, or a code such as PA-7K3-QX9 or H62.01-201105-0004, which must not be torn apart.
  var SPECIAL = /https?:\/\/[^\s<>"]+[^\s<>".,;:!?)\]]|[A-Z0-9][A-Z0-9.]+(?:-[A-Z0-9]+)+/g;
  var NEAR_END = 120;
  var GROUP_SPAN = 5 * 60 * 1000;

  var byId = {};
  var lastDay = "";
  var lastAuthor = "";
  var lastAt = 0;
  var withPerson = false;
  var latestOwn = null;
  var noticeTimer = null;
  var title = document.title;
  var unread = 0;

  function fresh(template) {
    return document.getElementById(template).content.firstElementChild.cloneNode(true);
  }

  function twoDigits(number) {
    return (number + 100).toString().slice(1);
  }

  function dayWords(date) {
    var yesterday = new Date();
    yesterday.setDate(yesterday.getDate() - 1);
    if (date.toDateString() === new Date().toDateString()) {
      return words.today;
    }
    if (date.toDateString() === yesterday.toDateString()) {
      return words.yesterday;
    }
    return twoDigits(date.getDate()) + "/" + twoDigits(date.getMonth() + 1) + "/" + date.getFullYear();
  }

  // Puts a text in, with its web addresses as links and its codes whole; never as HTML.
  function putText(element, text) {
    var done = 0;
    text.replace(SPECIAL, function (found, at) {
      var link = found.indexOf("http") === 0;
      var part = document.createElement(link ? "a" : "span");
      element.appendChild(document.createTextNode(text.slice(done, at)));
      part.textContent = found;
      if (link) {
        part.href = found;
        part.target = "_blank";
        part.rel = "noopener noreferrer";
      } else {
        part.className = "code";
      }
      element.appendChild(part);
      done = at + found.length;
      return found;
    });
    element.appendChild(document.createTextNode(text.slice(done)));
  }

  function putMedia(box, media, own) {
    box.hidden = false;
    media.forEach(function (item) {
      if (item.kind === "file") {
        box.appendChild(documentLink(item));
        return;
      }
      var shown = document.createElement(item.kind === "video" ? "video" : "img");
      if (item.kind === "video") {
        shown.controls = true;
        shown.preload = "metadata";
        shown.setAttribute("aria-label", words.video);
      } else {
        shown.alt = words.photo;
      }
      shown.className = media.length > 1 ? "many" : "";
      shown.onload = shown.onloadedmetadata = stayAtEnd(nearEnd());
      shown.onerror = function () {
        var gone = document.createElement("span");
        gone.className = "gone";
        gone.textContent = item.kind === "video" ? words.videoSent : words.photoSent;
        if (shown.parentNode && own) {
          shown.parentNode.replaceChild(gone, shown);
        }
      };
      shown.src = item.src;
      box.appendChild(shown);
    });
  }

  function documentLink(item) {
    var link = document.createElement("a");
    link.className = "document";
    link.href = item.src;
    link.download = item.name || "";
    link.textContent = item.name || words.document;
    return link;
  }

  function nearEnd() {
    return scroll.scrollHeight - scroll.scrollTop - scroll.clientHeight < NEAR_END;
  }

  function toEnd() {
    scroll.scrollTop = scroll.scrollHeight;
    news.hidden = true;
  }

  function stayAtEnd(wasThere) {
    return function () {
      if (wasThere) {
        toEnd();
      }
    };
  }

  // Adds an empty message of an author at the end, with a line for the day where one begins.
  function addMessage(author, at) {
    var date = at ? new Date(at) : new Date();
    var day = date.toDateString();
    var item = fresh("t-message");
    if (day !== lastDay) {
      var line = fresh("t-day");
      line.firstElementChild.textContent = dayWords(date);
      list.appendChild(line);
    }
    item.className += " " + author;
    if (day === lastDay && author === lastAuthor && date - lastAt < GROUP_SPAN) {
      item.className += " again";
      list.lastElementChild.classList.add("followed");
    }
    item.querySelector(".who").textContent = words["who" + author[0].toUpperCase() + author.slice(1)];
    item.querySelector("time").textContent = twoDigits(date.getHours()) + ":" + twoDigits(date.getMinutes());
    item.querySelector("time").dateTime = date.toISOString();
    lastDay = day;
    lastAuthor = author;
    lastAt = date;
    list.appendChild(item);
    return item;
  }

  // A message of the bot or an officer. `act` has press(button), shareLocation() and phone(number).
  function showMessage(frame, act) {
    if (byId["m" + frame.id]) {
      return false;
    }
    withPerson = Boolean(frame.person);
    var atEnd = nearEnd();
    var item = byId["m" + frame.id] = addMessage(frame.author, frame.at);
    putText(item.querySelector(".text"), frame.text);
    if (frame.media) {
      putMedia(item.querySelector(".media"), frame.media, false);
    }
    if (frame.buttons || frame.ask) {
      putChoices(item, frame, act);
    }
    typing.hidden = true;
    if (atEnd) {
      toEnd();
    } else {
      news.hidden = false;
    }
    if (document.hidden) {
      unread += 1;
      document.title = "(" + unread + ") " + title;
    }
    return true;
  }

  function putChoices(item, frame, act) {
    var box = item.querySelector(".choices");
    box.hidden = false;
    if (frame.ask === "location") {
      var share = fresh("t-location");
      share.onclick = function () { act.shareLocation(); };
      box.appendChild(share);
    }
    if (frame.ask === "contact") {
      var form = fresh("t-contact");
      form.onsubmit = function (event) {
        event.preventDefault();
        act.phone(form.elements.tel.value.trim());
      };
      box.appendChild(form);
    }
    (frame.buttons || []).forEach(function (button) {
      var choice = document.createElement(button.payload ? "button" : "a");
      choice.className = "choice";
      choice.textContent = button.title;
      if (button.payload) {
        choice.type = "button";
        choice.onclick = function () {
          choice.className = "choice pressed";
          act.press(button);
        };
      } else if (button.phone) {
        choice.href = "tel:" + button.phone.replace(/[^+0-9]/g, "");
      } else if (/^https?:\/\//.test(button.url)) {
        choice.href = button.url;
        choice.target = "_blank";
        choice.rel = "noopener noreferrer";
      }
      box.appendChild(choice);
    });
  }

  // A message of the citizen's own. `message` has id, kind, text, media [{kind, src}] and at.
  function showOwn(message, state) {
    if (!byId["o" + message.id]) {
      Array.prototype.forEach.call(list.querySelectorAll(".choices:not([hidden])"), function (box) {
        box.parentNode.classList.add("answered");
      });
      var item = byId["o" + message.id] = addMessage("own", message.at);
      putText(item.querySelector(".text"), ownText(message));
      if (message.media && message.media.length) {
        putMedia(item.querySelector(".media"), message.media, true);
      }
      if (latestOwn) {
        latestOwn.classList.remove("latest");
      }
      item.classList.add("latest");
      latestOwn = item;
      toEnd();
    }
    setState(message.id, state);
  }

  function ownText(message) {
    if (message.kind === "location") {
      return words.locationSent;
    }
    return message.kind === "contact" ? words.contactSent + " " + message.text : message.text;
  }

  // `state` is waiting, sending, uploading, kept or failed.
  function setState(id, state, more) {
    var item = byId["o" + id];
    if (!item) {
      return;
    }
    ["waiting", "kept", "failed"].forEach(function (name) {
      item.classList.toggle(name, name === (state === "kept" || state === "failed" ? state : "waiting"));
    });
    var text = words["state" + state[0].toUpperCase() + state.slice(1)];
    item.querySelector(".state").textContent = more ? text + " " + more : text;
  }

  function clear() {
    list.textContent = "";
    byId = {};
    lastDay = lastAuthor = "";
    lastAt = 0;
    latestOwn = null;
  }

  // A line above the field, by the name of its words; `seconds` says when it may go.
  function note(name, seconds) {
    clearTimeout(noticeTimer);
    noticeTimer = null;
    notice.hidden = !name;
    notice.textContent = name ? words[name] : "";
    if (seconds) {
      noticeTimer = setTimeout(function () { note(""); }, seconds * 1000);
    }
  }

  // The connection is well again: what it was said to lack goes, what has its own time stays.
  function noteWell() {
    if (noticeTimer === null) {
      note("");
    }
  }

  function setStatus(state) {
    document.getElementById("status").dataset.state = state;
    document.getElementById("status-words").textContent = words[state];
  }

  var typingTimer = null;
  // Not while a person has the chat: nobody is at it yet.
  function showTyping(seconds) {
    if (withPerson) {
      return;
    }
    var atEnd = nearEnd();
    typing.hidden = false;
    stayAtEnd(atEnd)();
    clearTimeout(typingTimer);
    typingTimer = setTimeout(function () { typing.hidden = true; }, seconds * 1000);
  }

  news.onclick = toEnd;
  var restsAtEnd = true;
  scroll.addEventListener("scroll", function () {
    restsAtEnd = nearEnd();
    if (restsAtEnd) {
      news.hidden = true;
    }
  });
  // The keyboard of a phone makes the page lower: what was last in view stays in view.
  window.addEventListener("resize", function () {
    if (restsAtEnd) {
      toEnd();
    }
  });
  document.addEventListener("visibilitychange", function () {
    unread = 0;
    document.title = title;
  });

  window.CauNoi.view = {
    words: words, fresh: fresh, showMessage: showMessage, showOwn: showOwn, setState: setState,
    clear: clear, note: note, noteWell: noteWell, setStatus: setStatus, showTyping: showTyping,
    toEnd: toEnd,
    quietly: function (work) {
      // A screen reader is not to read the whole past aloud.
      log.setAttribute("aria-live", "off");
      work();
      setTimeout(function () { log.setAttribute("aria-live", "polite"); }, 500);
    }
  };
})();
