// `wx`, as far as the mini-program uses it. A name that is not here is undefined to the package, and is noted: so is
// everything that would ask WeChat who somebody is.

export function makeWx(host, life) {
  /** Callbacks, or a promise where there is none, as WeChat does it. */
  const later = (work) => (options = {}) => {
    const { success, fail, complete } = options;
    const done = Promise.resolve().then(() => work(options));
    if (!success && !fail && !complete) return void done.catch((why) => host.failed.push(`${why}`));
    done.then((result = {}) => (success?.(result), complete?.(result)), (why) => {
      const result = { errMsg: String(why.message ?? why) };
      if (!fail) host.failed.push(result.errMsg);
      fail?.(result);
      complete?.(result);
    });
  };
  const files = host.files;
  const folders = new Set(["http://usr"]);
  const storage = { get: (key) => JSON.parse(localStorage.getItem(`wx:${key}`) ?? '""') };
  const online = new Set();
  host.online = (isConnected) => online.forEach((listener) => listener({ isConnected, networkType: isConnected ? "wifi" : "none" }));

  const below = (path) => [...files.keys()].filter((each) => each.startsWith(`${path}/`));
  const manager = {
    readFile: later(async ({ filePath, position = 0, length }) => {
      const file = files.get(filePath);
      if (file === undefined) throw new Error("no such file or directory");
      return { data: await file.slice(position, length === undefined ? file.size : position + length).arrayBuffer() };
    }),
    mkdirSync: (path) => {
      if (folders.has(path)) throw new Error("file already exists");
      folders.add(path);
    },
    writeFileSync: (path, data) => {
      if (!folders.has(path.slice(0, path.lastIndexOf("/")))) throw new Error("no such file or directory");
      files.set(path, new Blob([data]));
    },
    rmdirSync: (path, recursive) => {
      const inside = below(path);
      if (!folders.has(path) && inside.length === 0) throw new Error("no such file or directory");
      if (inside.length > 0 && !recursive) throw new Error("directory not empty");
      inside.forEach((each) => files.delete(each));
      folders.delete(path);
    },
    unlinkSync: (path) => {
      if (!files.delete(path)) throw new Error("no such file or directory");
    },
  };

  const pick = (make) => later(({ count = 9 }) => new Promise((done, failed) => {
    const picker = document.getElementById("picker");
    picker.value = "";
    picker.onchange = () => {
      const chosen = [...picker.files].slice(0, count).map((file, i) => {
        const path = `http://tmp/${Date.now()}${i}.${file.name.split(".").pop()}`;
        files.set(path, file);
        return make(file, path);
      });
      back(() => done({ tempFiles: chosen }));
    };
    picker.oncancel = () => back(() => failed(new Error("cancel")));
    // The picker lies above the mini-program for as long as it is open; the answer comes when that is back.
    const back = (answer) => (host.show(), setTimeout(answer));
    host.hide();
    picker.click();
  }));

  const wx = {
    env: { USER_DATA_PATH: "http://usr" },
    request(options) {
      const { url, method = "GET", header = {}, data, responseType, redirect = "follow", timeout = 60_000 } = options;
      const ends = new AbortController();
      const clock = setTimeout(() => ends.abort(), timeout);
      const { success, fail, complete } = options;
      fetch("/native/request", {
        method: "POST",
        headers: { "x-url": url, "x-method": method, "x-redirect": redirect, "x-header": encodeURIComponent(JSON.stringify(header)) },
        body: data ?? "",
        signal: ends.signal,
      }).then(async (answer) => {
        const failed = answer.headers.get("x-failed");
        if (failed !== null) throw new Error(`request:fail ${failed}`);
        const bytes = await answer.arrayBuffer();
        const result = { statusCode: Number(answer.headers.get("x-status")), header: JSON.parse(decodeURIComponent(answer.headers.get("x-header"))), data: responseType === "arraybuffer" ? bytes : new TextDecoder().decode(bytes) };
        clearTimeout(clock);
        success?.(result);
        complete?.(result);
      }).catch((why) => {
        clearTimeout(clock);
        fail?.({ errMsg: String(why.message) });
        complete?.({});
      });
      return { abort: () => ends.abort() };
    },
    getRandomValues: later(({ length }) => {
      if (host.dry) throw new Error("no randomness");
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; at += 65536) crypto.getRandomValues(bytes.subarray(at, at + 65536));
      return { randomValues: bytes.buffer };
    }),
    getFileSystemManager: () => manager,
    chooseMedia: pick((file, tempFilePath) => ({ tempFilePath, size: file.size, fileType: file.type.startsWith("video") ? "video" : "image" })),
    chooseMessageFile: pick((file, path) => ({ path, name: file.name, size: file.size, type: "file", time: 0 })),
    previewImage: later(({ urls }) => void (host.shown = urls)),
    openDocument: later(({ filePath }) => void (host.shown = [filePath])),
    getStorageSync: (key) => storage.get(key),
    setStorageSync: (key, value) => localStorage.setItem(`wx:${key}`, JSON.stringify(value)),
    removeStorageSync: (key) => localStorage.removeItem(`wx:${key}`),
    onNetworkStatusChange: (listener) => void online.add(listener),
    getAppBaseInfo: () => ({ language: navigator.language.replace("-", "_"), SDKVersion: "3.0.0", theme: "light" }),
    getSystemInfoSync: () => wx.getAppBaseInfo(),
    navigateTo: later(({ url }) => life.navigate(url)),
    redirectTo: later(({ url }) => life.redirect(url)),
    navigateBack: later(({ delta = 1 }) => life.back(delta)),
    reLaunch: later(({ url }) => life.relaunch(url)),
    switchTab: later(({ url }) => life.tab(url)),
    exitMiniProgram: later(() => life.exit()),
    setNavigationBarTitle: ({ title }) => life.title(title),
    setTabBarItem: later(({ index, text }) => life.tabText(index, text)),
    pageScrollTo: later(({ scrollTop = 0 }) => void (document.getElementById("stack").scrollTop = scrollTop)),
    setVisualEffectOnCapture: later(({ visualEffect }) => void (host.capture = visualEffect)),
  };
  return new Proxy(wx, {
    get(known, name) {
      if (!(name in known) && typeof name === "string") host.missing.push(name);
      return known[name];
    },
  });
}
