// What the libraries take for granted and phones of 2020 do not have. `build.mjs` puts it first in every bundle.

if (!("hasOwn" in Object)) {
  const value = (object: object, key: PropertyKey) => Object.prototype.hasOwnProperty.call(object, key);
  Object.defineProperty(Object, "hasOwn", { value, writable: true, configurable: true });
}

export {};
