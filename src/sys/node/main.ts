import { bindWithClipanion } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import { NodeSys } from './node-sys.ts';

/** The command line on Node. */
process.exitCode = main(new NodeSys(), bindWithClipanion);
