/* What an MCU adapter can be asked to do, as a set of bits.
 *
 * Called by `adapters`, and by commands that refuse at once what none of a run's MCUs could do.
 * Owns nothing. It must never promise: a device may still refuse an operation that its adapter
 * has. */
#include "adapter.h"

const char *const operation_words[] = { "look", "media", "reason", "mute", "layout", "focus",
	"message", "play", "dial", "hangup", 0 };

unsigned
mcu_adapter_can(const struct mcu_adapter *m)
{
	return (m->look ? CAN_LOOK : 0u) | (m->media ? CAN_MEDIA : 0u) |
	       (m->reason ? CAN_REASON : 0u) | (m->mute ? CAN_MUTE : 0u) |
	       (m->layout ? CAN_LAYOUT : 0u) | (m->focus ? CAN_FOCUS : 0u) |
	       (m->message ? CAN_MESSAGE : 0u) | (m->play ? CAN_PLAY : 0u) |
	       (m->dial ? CAN_DIAL : 0u) | (m->hangup ? CAN_HANGUP : 0u);
}
