export {
  checkInode,
  contextDenied,
  hasEnded,
  namespaceNotOpened,
  namespaceNotStatted,
  noPidfdWhereUnknown,
  notAProcess,
  nothingWhereDenied,
  notOpened,
  notPolled,
  procNotRead,
  procOfAnother,
  whyFileNotOpened,
} from '../../../target/failure.ts';
export { whyNotAttached } from '../../../target/why-denied.ts';
