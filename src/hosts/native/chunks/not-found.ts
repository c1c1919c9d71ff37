export { namesAlike } from '../../../target/listing/alike.ts';
export { ambiguous, inNoContainer, notFound, notRunning, unknownScheme } from '../../../target/not-found.ts';
