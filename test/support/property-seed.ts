import fc from 'fast-check';

/** The same cases in every run that checks a change; a campaign, which is given its time, looks for new ones. */
if (process.env.GUARDSWEEP_PROPERTY_SECONDS === undefined) fc.configureGlobal({ seed: 20_261_123 });
