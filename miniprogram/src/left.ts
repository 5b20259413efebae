/** The reporter has left meanwhile: nothing may come back to life. */
export class Left extends Error {}
