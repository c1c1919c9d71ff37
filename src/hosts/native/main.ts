import { main } from '../../cli/main.ts';
import { bindDirectly } from '../../cli/words/bind.ts';
import { lookUpInPacked, type PackedOptions } from '../../options/packed.ts';
import type { Natives } from './natives.ts';
import { runPlan } from './run.ts';
import { nativeScreens } from './screens.ts';

declare const native: Natives;
/** Put in by the bundler from the option table. */
declare const PACKED_OPTIONS: PackedOptions;

native.run = (plan) => runPlan(native, plan);

/** The command line in the native executable: the chunk that every start evaluates. Its value is the exit status. */
export const status = main(native, lookUpInPacked(PACKED_OPTIONS), bindDirectly, () => nativeScreens());
