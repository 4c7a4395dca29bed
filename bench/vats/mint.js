/** The mint of the bank, as it is. */
export { buildRootObject } from '../../examples/bank/mint.js';
