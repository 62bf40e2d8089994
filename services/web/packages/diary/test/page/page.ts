/** The whole module in a bare page, for tests in a real browser to drive. */
import * as diary from "../../src/index.js";

Object.assign(globalThis, { diary });
