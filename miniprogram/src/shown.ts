// Staff's files in clear, in a folder of the mini-program's own, until the report is closed. Should WeChat end the
// mini-program before that, they go when it starts the next time.

import { whenForgotten } from "./state.ts";

const PICTURES = ["jpg", "jpeg", "png", "gif", "webp", "bmp"];
const DOCUMENTS = ["doc", "docx", "xls", "xlsx", "ppt", "pptx", "pdf"];

let count = 0;

whenForgotten(sweep);

/** Removes the folder with all that is in it, at once: in the next moment WeChat may have ended us. */
export function sweep(): void {
  try {
    wx.getFileSystemManager().rmdirSync(folder(), true);
  } catch {
    // There is none.
  }
}

/** Has WeChat show a file; `false` if it can not show one of this name. */
export function show(plain: Uint8Array, name: string): boolean {
  const ending = /\.([A-Za-z0-9]+)$/.exec(name)?.[1]?.toLowerCase() ?? "";
  const isPicture = PICTURES.includes(ending);
  if (!isPicture && !DOCUMENTS.includes(ending)) return false;
  const manager = wx.getFileSystemManager();
  try {
    manager.mkdirSync(folder(), true);
  } catch {
    // It is there already.
  }
  const path = `${folder()}/${(count += 1)}.${ending}`;
  manager.writeFileSync(path, plain.slice().buffer as ArrayBuffer);
  if (isPicture) wx.previewImage({ urls: [path], showmenu: false });
  else wx.openDocument({ filePath: path, showMenu: false });
  return true;
}

const folder = (): string => `${wx.env.USER_DATA_PATH}/shown`;
