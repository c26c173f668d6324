/* What the files of this folder share with each other and with nobody else: the adapters for
 * table.c, and the shape of a device's cause words. */
#ifndef TD_ADAPTERS_INTERNAL_H
#define TD_ADAPTERS_INTERNAL_H

#include "adapters/adapter.h"

extern const struct mcu_adapter asterisk_mcu_adapter;
extern const struct mcu_adapter cisco_cms_adapter;
extern const struct mcu_adapter cisco_mcu_adapter;
extern const struct mcu_adapter freeswitch_mcu_adapter;
extern const struct mcu_adapter exec_mcu_adapter;
extern const struct mcu_adapter manual_mcu_adapter;
extern const struct mcu_adapter fake_mcu_adapter;
extern const struct mcu_adapter skel_mcu_adapter; /* the template: compiled, never listed */
extern const struct mcu_adapter poly_rmx_adapter;
extern const struct mcu_adapter pexip_adapter;
extern const struct mcu_adapter huawei_smc3_adapter;
extern const struct mcu_adapter huawei_smc2_adapter;
extern const struct mcu_adapter bigbluebutton_adapter;
extern const struct endpoint_adapter poly_cli_adapter;
extern const struct endpoint_adapter cisco_roomos_adapter;
extern const struct endpoint_adapter poly_rest_adapter;
extern const struct endpoint_adapter huawei_te_adapter;
extern const struct endpoint_adapter lifesize_adapter;
extern const struct endpoint_adapter tandberg_mxp_adapter;
extern const struct endpoint_adapter yealink_vc_adapter;
extern const struct endpoint_adapter sony_pcs_adapter;
extern const struct endpoint_adapter baresip_adapter;
extern const struct endpoint_adapter probe_adapter;
extern const struct endpoint_adapter exec_adapter;
extern const struct endpoint_adapter manual_endpoint_adapter;
extern const struct endpoint_adapter fake_endpoint_adapter;

/* Their words, for those who look them up and for the adapters' own tables. */
extern const struct cause_word cisco_mcu_causes[], cisco_cms_causes[], freeswitch_causes[],
	poly_rmx_causes[], cisco_roomos_causes[],
	huawei_smc3_causes[]; /* "callFailReason N"; SMC 2.0 has the same numbers */
/* Compared without ASCII case; a word that is not listed is CAUSE_UNKNOWN, never an error. */
enum cause cause_lookup(const struct cause_word *table, const char *word);

/* What a session remembers of a leg where the device keeps the list itself (notes.c). */
struct leg_note {
	char id[128], name[80], address[160]; /* id: the device's; name, address: of our order */
	bool ours, was_up, hung_up, to_mute;
	int grace; /* for so many lists an old end is not told: it was called again */
};
struct leg_notes {
	struct leg_note *at;
	size_t n, next;
};
enum { LEG_NOTES_MOST = 1024 };
struct leg_note *leg_note(const struct leg_notes *notes, const char *id); /* NULL: none */
/* Finds or makes; when full the oldest goes. */
struct leg_note *leg_note_make(struct arena *a, struct leg_notes *notes, const char *id);
/* An order that was obeyed: the leg is ours from now on, under its name. */
void leg_note_dialled(struct leg_note *n, const struct dial *d);
/* What the device tells of a leg, completed by the note; an end becomes the leg's own state:
 * an end that lies before a new call is left out, and one that we ordered is ours. */
void leg_note_apply(struct leg_note *n, struct leg *leg);
/* Hung up by our order: its end is ours. */
void leg_note_hung_up(const struct leg_notes *notes, const char *id);
/* An order about its microphone was given meanwhile: nothing is to follow any more. */
void leg_note_mute_given(const struct leg_notes *notes, const char *id);
/* The order to call has no word for a closed microphone: mutes those of the list that were called
 * so and are up now, each once. A refusal is let pass. */
typedef enum err leg_mute_fn(
	struct task *t, struct lane *l, const struct conference *c, const struct leg *leg);
enum err leg_notes_mute_late(struct task *t, struct lane *l, const struct leg_notes *notes,
	const struct conference *c, struct leg *legs, size_t n, leg_mute_fn *mute);
/* In a call, or being called. */
bool leg_is_live(const struct leg *leg);
/* What dial() hands back of a leg as it is listed: under our name; called now if it is not live. */
void leg_dialled(const struct leg *listed, const struct dial *d, struct leg *out);
/* Why `leg` ended, out of such a list. ERR_BUSY: it has not; ERR_GONE: it is not listed. */
enum err leg_listed_ending(struct task *t, const struct lane *l, const struct leg *list, size_t n,
	const struct leg *leg, struct ending *out);

/* "1080p", "1920x1080", "4CIF": the size of a picture out of a device's word; unknown where it does
 * not tell. */
void picture_size(const char *word, struct figure *out_width, struct figure *out_height);

#endif
