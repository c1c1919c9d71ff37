export { givenTwice, takesNoValue, unknownOption } from '../../../request/habits.ts';
