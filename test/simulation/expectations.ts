import { expect } from "vitest";
import type { Instance, State } from "../../src/core/state.ts";
import { createStateAccess } from "../../state/access.ts";
import { LAB, PROGRAMS, type SimulatedHost } from "./host.ts";
import { HOME } from "./host.ts";
import { createFiles } from "./ports/files.ts";
import { type Carrying, builtinBridge, ubridge } from "./programs/bridge.ts";
import { type Keeping, keeper } from "./programs/keeper.ts";
import { type Machine, qemu } from "./programs/qemu.ts";
