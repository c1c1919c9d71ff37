export { findOfUsers, isOfUser } from '../../../target/of-users.ts';
