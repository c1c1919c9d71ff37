/** What `npm run kernels` has tried, by way of docs/kernels.json. Rendered by "npm run render". */
export const TRIED_ON = 'Linux 5.10, 6.1, 6.12 and 7.2 (on arm64 6.12)';
