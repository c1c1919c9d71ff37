export { nativeScreens } from '../screens.ts';
