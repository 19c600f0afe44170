/** Ends a command with this exit code; whoever throws it has said why. */
export class CommandFault extends Error {
  readonly exit: number;

  constructor(exit: number) {
    super(`exit ${exit}`);
    this.name = 'CommandFault';
    this.exit = exit;
  }
}
