/** What of a kernel a guest loads as it boots. A kernel without the first ones gives it no network on an adapter. */
export const NETWORK = ["virtio_pci", "virtio_net", "e1000"];
/** With these it turns itself off when its power button is pressed. */
export const POWER = ["button", "evdev"];
