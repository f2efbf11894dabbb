/**
 * What the names of the filters start with that show in a bridge that a capture runs. The built-in bridge takes such a
 * filter away when the capture ended for want of room.
 */
export const MARKER = "capture_";
