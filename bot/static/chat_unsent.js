// What the citizen has written and the server has not yet confirmed. It outlives a reload: messages
// lie in localStorage, one key each so that two windows never overwrite each other, and files in
// IndexedDB. A browser that refuses either keeps them in memory.
(function () {
  "use strict";

  var PREFIX = "caunoi.unsent.";
  var COUNTER = "caunoi.order";
  var memory = {};
  var files = {};
  var lastOrder = 0;

  function read(key) {
    try {
      return localStorage.getItem(key);
    } catch (refused) {
      return null;
    }
  }

  function write(key, value) {
    try {
      localStorage.setItem(key, value);
    } catch (refused) {
      // Full or forbidden: the copy in memory has to do.
    }
  }

  function newId() {
    var bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.prototype.map.call(bytes, function (byte) {
      return (byte + 256).toString(16).slice(1);
    }).join("");
  }

  // The order of a chat's messages: milliseconds that never repeat and never go back.
  function nextOrder() {
    lastOrder = Math.max(Date.now(), lastOrder + 1, (Number(read(COUNTER)) || 0) + 1);
    write(COUNTER, String(lastOrder));
    return lastOrder;
  }

  function put(item) {
    memory[item.id] = item;
    write(PREFIX + item.id, JSON.stringify(item));
  }

  function remove(id) {
    delete memory[id];
    delete files[id];
    try {
      localStorage.removeItem(PREFIX + id);
    } catch (refused) {
      // It was never there.
    }
    inStore("readwrite", function (store) { return store.delete(id); });
  }

  // Everything unsent, in the order in which it was written.
  function all() {
    try {
      Object.keys(localStorage).forEach(function (key) {
        var id = key.slice(PREFIX.length);
        if (key.indexOf(PREFIX) === 0 && !memory[id]) {
          memory[id] = JSON.parse(localStorage.getItem(key));
        }
      });
    } catch (refused) {
      // What is in memory has to do.
    }
    return Object.keys(memory).map(function (id) {
      return memory[id];
    }).sort(function (a, b) {
      return a.order - b.order;
    });
  }

  // Runs one request on the store of files; resolves with its result, or with undefined.
  function inStore(mode, request) {
    return new Promise(function (resolve) {
      try {
        var opening = indexedDB.open("caunoi", 1);
        opening.onupgradeneeded = function () { opening.result.createObjectStore("files"); };
        opening.onerror = function () { resolve(undefined); };
        opening.onsuccess = function () {
          try {
            var transaction = opening.result.transaction("files", mode);
            var asked = request(transaction.objectStore("files"));
            transaction.oncomplete = function () {
              opening.result.close();
              resolve(asked.result);
            };
            transaction.onabort = transaction.onerror = function () {
              opening.result.close();
              resolve(undefined);
            };
          } catch (refused) {
            resolve(undefined);
          }
        };
      } catch (refused) {
        resolve(undefined);
      }
    });
  }

  function putFiles(id, blobs) {
    files[id] = blobs;
    return inStore("readwrite", function (store) { return store.put(blobs, id); });
  }

  // The files of a message; an empty list when they are gone.
  function filesOf(id) {
    if (files[id]) {
      return Promise.resolve(files[id]);
    }
    return inStore("readonly", function (store) { return store.get(id); }).then(function (blobs) {
      return blobs || [];
    });
  }

  window.CauNoi = {
    unsent: {
      newId: newId, nextOrder: nextOrder, put: put, remove: remove, all: all,
      has: function (id) { return id in memory; },
      putFiles: putFiles, filesOf: filesOf
    }
  };
})();
