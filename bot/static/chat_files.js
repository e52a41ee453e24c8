// Photos, videos and documents: chosen, made smaller where the browser can, and uploaded.
(function () {
  "use strict";

  var view = window.CauNoi.view;
  var words = view.words;
  var tray = document.getElementById("picked");
  var LONGEST_SIDE = 1920;
  var QUALITY = 0.85;
  var DOCUMENT = /\.(pdf|docx?|xlsx?)$/i;
  var chosen = [];

  function kindOf(file) {
    var kind = /^(image|video)\//.exec(file.type);
    return !kind ? "file" : kind[1] === "video" ? "video" : "photo";
  }

  function add(files) {
    Array.prototype.forEach.call(files, function (file) {
      if (kindOf(file) === "file" && !DOCUMENT.test(file.name)) {
        view.note("mediaUnreadable", 8);
      } else if (kindOf(file) !== "photo" && file.size > Number(words.videoLimit)) {
        view.note("mediaTooLarge", 8);
      } else if (chosen.length >= Number(words.mediaLimit)) {
        view.note("mediaTooMany", 8);
      } else {
        chosen.push(file);
      }
    });
    show();
  }

  function show() {
    tray.textContent = "";
    tray.hidden = chosen.length === 0;
    chosen.forEach(function (file) {
      var item = view.fresh("t-picked");
      var thumb = item.querySelector(".thumb");
      if (kindOf(file) === "photo") {
        var image = document.createElement("img");
        image.alt = words.photo;
        image.src = URL.createObjectURL(file);
        image.onload = function () { URL.revokeObjectURL(image.src); };
        thumb.appendChild(image);
      } else {
        thumb.textContent = kindOf(file) === "video" ? words.video : file.name;
      }
      item.querySelector("button").onclick = function () {
        chosen.splice(chosen.indexOf(file), 1);
        show();
      };
      tray.appendChild(item);
    });
    view.toEnd();
  }

  // What was chosen; the tray is empty afterwards.
  function take() {
    var files = chosen;
    chosen = [];
    show();
    return files;
  }

  // A photo small enough for a slow line. Browsers that would lose its orientation leave it as it is.
  function shrink(file) {
    if (kindOf(file) !== "photo" || file.type === "image/gif" ||
        !(window.CSS && CSS.supports && CSS.supports("image-orientation", "from-image"))) {
      return Promise.resolve(file);
    }
    return new Promise(function (resolve) {
      var image = new Image();
      image.onerror = function () { resolve(file); };
      image.onload = function () {
        var scale = Math.min(1, LONGEST_SIDE / Math.max(image.naturalWidth, image.naturalHeight));
        var canvas = document.createElement("canvas");
        canvas.width = Math.max(1, Math.round(image.naturalWidth * scale));
        canvas.height = Math.max(1, Math.round(image.naturalHeight * scale));
        var pen = canvas.getContext("2d");
        pen.fillStyle = "#fff";
        pen.fillRect(0, 0, canvas.width, canvas.height);
        pen.drawImage(image, 0, 0, canvas.width, canvas.height);
        URL.revokeObjectURL(image.src);
        canvas.toBlob(function (blob) {
          resolve(blob && blob.size < file.size ? blob : file);
        }, "image/jpeg", QUALITY);
      };
      image.src = URL.createObjectURL(file);
    });
  }

  // Uploads one file. Rejects with {code, after}: `after` seconds when it may be tried again, null
  // when it never will be taken.
  function upload(file, progress) {
    return new Promise(function (resolve, reject) {
      var request = new XMLHttpRequest();
      var form = new FormData();
      form.append("file", file, kindOf(file));
      request.open("POST", "/chat/media");
      request.upload.onprogress = function (event) {
        if (event.lengthComputable) {
          progress(event.loaded / event.total);
        }
      };
      request.onerror = request.onabort = function () { reject({ code: "", after: 2 }); };
      request.onload = function () {
        var answer = {};
        try {
          answer = JSON.parse(request.responseText);
        } catch (unreadable) {
          // A proxy's own page: judged by the status alone.
        }
        if (request.status === 200 && answer.ref) {
          resolve(answer.ref);
        } else if (request.status === 413) {
          reject({ code: "media_too_large", after: null });
        } else if (request.status === 429 || request.status >= 500) {
          reject({ code: answer.code || "unavailable", after: answer.after || 3 });
        } else {
          reject({ code: answer.code || "unreadable", after: null });
        }
      };
      request.send(form);
    });
  }

  function picker(button, input) {
    var field = document.getElementById(input);
    document.getElementById(button).onclick = function () { field.click(); };
    field.onchange = function () {
      add(field.files);
      field.value = "";
      document.getElementById("text").focus();
    };
  }

  picker("pick-files", "files");
  picker("take-photo", "camera");

  window.CauNoi.files = { kindOf: kindOf, take: take, shrink: shrink, upload: upload };
})();
