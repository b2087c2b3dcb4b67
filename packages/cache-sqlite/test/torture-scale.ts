/** How much of the torture is done: 1 unless the environment says more; 20 is what the package has been through. */
export const TORTURE_SCALE: number = Number.parseFloat(process.env['TORTURE_SCALE'] ?? '1')
