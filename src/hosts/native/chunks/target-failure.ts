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
  whyFileNotOpened,
} from '../../../target/failure.ts';
