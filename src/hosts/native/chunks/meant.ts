export {
  isTakenForTarget,
  terminalOfDocker,
  userMeant,
  variableMeant,
  withoutEquals,
} from '../../../request/meant.ts';
