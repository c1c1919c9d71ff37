export {
  checkInode,
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
} from '../../../target/failure.ts';
