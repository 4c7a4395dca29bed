/**
 * A vat host said something that no honest host says. The crank is rolled back
 * and the vat terminated with `problem` as the reason.
 */
export class IllegalSyscall extends Error {
  override readonly name = 'IllegalSyscall';
}
