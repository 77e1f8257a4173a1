/**
 * Says what is wrong with data. Hostile data makes these by the million, so they carry no stack: nobody reads it, and
 * recording it takes longer than reading the data did.
 */
export abstract class DataFault extends Error {
  constructor(message: string, options?: ErrorOptions) {
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    super(message, options);
    Error.stackTraceLimit = stackTraceLimit;
  }
}
