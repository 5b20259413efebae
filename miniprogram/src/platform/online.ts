// The one event the uploads wait for: the device is online again.

const waiting = new Set<() => void>();
let listens = false;

export function addEventListener(name: string, listener: () => void): void {
  if (name !== "online") return;
  waiting.add(listener);
  if (listens) return;
  listens = true;
  wx.onNetworkStatusChange(({ isConnected }) => {
    if (isConnected) for (const wake of [...waiting]) wake();
  });
}

export function removeEventListener(name: string, listener: () => void): void {
  if (name === "online") waiting.delete(listener);
}
