export { lookFurther } from '../../../options/further.ts';
