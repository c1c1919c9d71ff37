import { bindWithClipanion } from '../../cli/command.ts';
import { main } from '../../cli/main.ts';
import { lookUpIn } from '../../option-lookup.ts';
import { OPTION_ROWS } from '../../options.ts';
import { NodeSys } from './node-sys.ts';

/** The command line on Node. */
process.exitCode = main(new NodeSys(), bindWithClipanion, lookUpIn(OPTION_ROWS));
