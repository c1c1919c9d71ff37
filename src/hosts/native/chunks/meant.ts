export {
  isTakenForTarget,
  podMeant,
  terminalOfDocker,
  userMeant,
  variableMeant,
  withoutEquals,
} from '../../../request/meant.ts';
