import { bindDirectly } from '../../cli/bind.ts';
import { main } from '../../cli/main.ts';
import type { Screens } from '../../cli/screens.ts';
import { NativeSys } from './native-sys.ts';
import type { Natives } from './natives.ts';

declare const native: Natives;

/** The command line in the native executable: the chunk that every start evaluates. Its value is the exit status. */
export const status = main(new NativeSys(native), bindDirectly, () => native.screens() as Screens);
