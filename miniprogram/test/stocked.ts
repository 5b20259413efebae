// Put around a test of the core: randomness is stocked before each, as before each act on a phone.

import { beforeEach } from "node:test";
import { stock } from "../src/platform/random.ts";

beforeEach(stock);

import "the-test";
