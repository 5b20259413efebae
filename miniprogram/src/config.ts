// Which service this mini-program belongs to: written by the build from `config.json`, in a file of its own, so that an
// operator can compare the rest of the package byte for byte.

export interface Config {
  /** `https://` and the host of the service's JSON interface: the only one that is ever asked. */
  origin: string;
  /** Where the same form is without WeChat, as people type it. */
  portal: string;
  /** Fingerprints of the recipient sets reports may be sealed to; more than one only while the set is being changed. */
  pins: string[];
  /** The public log's verifying key. */
  log_key: string;
}

declare const require: (path: string) => unknown;

export const config = require("./config.js") as Config;
