import { bindWithClipanion } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import { screens } from '../../cli/screens.ts';
import { NodeSys } from './node-sys.ts';

/** The command line on Node. */
process.exitCode = main(new NodeSys(), bindWithClipanion, screens);
