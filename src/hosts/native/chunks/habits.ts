export { takesNoValue, unknownOption } from '../../../request/habits.ts';
