// The line to the server: a web socket that comes back by itself and notices when it has gone dead.
(function () {
  "use strict";

  var FIRST_WAIT = 500;
  var LONGEST_WAIT = 15000;
  var PING_EVERY = 30000;
  var PATIENCE = 8000;
  var OPEN_ELSEWHERE = 4001;

  // `on` has opened(), frame(object), closed(refused) and elsewhere(); `refused` when the line never
  // came to stand.
  function Link(on) {
    this.on = on;
    this.socket = null;
    this.stood = false;
    this.wait = FIRST_WAIT;
    this.retry = null;
    this.deadline = null;
    var self = this;
    setInterval(function () { self.ping(); }, PING_EVERY);
    window.addEventListener("online", function () { self.connect(); });
    window.addEventListener("offline", function () { self.drop(); });
    document.addEventListener("visibilitychange", function () {
      if (!document.hidden) {
        self.connect();
        self.ping();
      }
    });
  }

  Link.prototype.isOpen = function () {
    return this.socket !== null && this.socket.readyState === WebSocket.OPEN;
  };

  Link.prototype.connect = function () {
    if (this.socket !== null) {
      return;
    }
    clearTimeout(this.retry);
    var self = this;
    var scheme = location.protocol === "https:" ? "wss://" : "ws://";
    var socket = this.socket = new WebSocket(scheme + location.host + "/chat/ws");
    this.expectAnswer();
    socket.onopen = function () {
      if (socket === self.socket) {
        self.wait = FIRST_WAIT;
        self.stood = true;
        self.answered();
        self.on.opened();
      }
    };
    socket.onmessage = function (event) {
      if (socket === self.socket) {
        self.answered();
        self.on.frame(JSON.parse(event.data));
      }
    };
    socket.onclose = function (event) {
      if (socket !== self.socket) {
        return;
      }
      if (event.code === OPEN_ELSEWHERE) {
        self.answered();
        self.on.elsewhere();
      } else {
        self.drop();
      }
    };
  };

  Link.prototype.send = function (frame) {
    if (this.isOpen()) {
      this.socket.send(JSON.stringify(frame));
    }
  };

  // Whoever asks for an answer says so; silence means a dead line, which gives no other sign.
  Link.prototype.expectAnswer = function () {
    var self = this;
    if (this.deadline === null) {
      this.deadline = setTimeout(function () { self.drop(); }, PATIENCE);
    }
  };

  Link.prototype.answered = function () {
    clearTimeout(this.deadline);
    this.deadline = null;
  };

  Link.prototype.ping = function () {
    if (this.isOpen()) {
      this.send({ type: "ping" });
      this.expectAnswer();
    }
  };

  Link.prototype.drop = function () {
    var socket = this.socket;
    var self = this;
    this.answered();
    if (socket === null) {
      return;
    }
    this.socket = null;
    socket.close();
    this.on.closed(!this.stood);
    this.stood = false;
    clearTimeout(this.retry);
    this.retry = setTimeout(function () { self.connect(); }, this.wait * (0.75 + Math.random() / 2));
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT);
  };

  window.CauNoi.Link = Link;
})();
