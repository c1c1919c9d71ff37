/** The tool has nothing that could be attacked so. */
export class NotApplicable extends Error {}
