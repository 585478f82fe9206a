/*
 * armkvm accelerator: mode=direct, whose guests have RAM where the host has it
 *
 * The guest's kernel is to run privileged, on page tables of its own: what it
 * takes for a physical address has to be one.  So its RAM is a piece of the
 * host's, the window, which the module hands out once for each VM.  For QEMU
 * it is ordinary RAM, the machine's memory-backend; the board moves it to the
 * window's address.
 *
 * SPDX-License-Identifier: GPL-2.0-or-later
 */

#include "qemu/osdep.h"
#include "qapi/error.h"
#include "qemu/config-file.h"
#include "qemu/error-report.h"
#include "qemu/option.h"
#include "qemu/units.h"
#include "qom/object_interfaces.h"
#include "hw/boards.h"
#include "migration/vmstate.h"
#include "system/armkvm_int.h"
#include "system/hostmem.h"
#include "system/system.h"
#include "trace.h"

#include <sys/mman.h>

#define TYPE_ARMKVM_WINDOW "memory-backend-armkvm"

OBJECT_DECLARE_SIMPLE_TYPE(ArmkvmWindow, ARMKVM_WINDOW)

struct ArmkvmWindow {
    HostMemoryBackend parent_obj;

    void *ram;              /* NULL: there is none */
    size_t size;
    uint64_t saved_address; /* of the window of the guest that is loaded */
    bool came;              /* and it is this one's */
};

static ArmkvmWindow *the_window;

/* -- options -------------------------------------------------------------- */

static bool check_memory_options(MachineState *ms, Error **errp)
{
    QemuOptsList *numa = qemu_find_opts_err("numa", NULL);

    if (qemu_memory_backend_option()) {
        error_setg(errp, "mode=direct has RAM of the module's; leave out "
                   "'%s', or use 'mode=shadow'", qemu_memory_backend_option());
        return false;
    }
    if (ms->maxram_size > ms->ram_size || ms->ram_slots) {
        error_setg(errp, "mode=direct has no RAM that is added later; leave "
                   "out 'maxmem=' and 'slots=', or use 'mode=shadow'");
        return false;
    }
    if (numa && !QTAILQ_EMPTY(&numa->head)) {
        error_setg(errp, "mode=direct has RAM in one piece; leave out '-numa', "
                   "or use 'mode=shadow'");
        return false;
    }
    if (!ms->ram_size || !QEMU_IS_ALIGNED(ms->ram_size, ARMKVM_WINDOW_ALIGN)) {
        error_setg(errp, "mode=direct has RAM by multiples of %d MiB; use "
                   "'-m %" PRIu64 "M'", (int)(ARMKVM_WINDOW_ALIGN / MiB),
                   (uint64_t)(ROUND_UP(MAX(ms->ram_size, 1),
                                       ARMKVM_WINDOW_ALIGN) / MiB));
        return false;
    }
    return true;
}

bool armkvm_check_direct(ArmkvmState *s, MachineState *ms, Error **errp)
{
    if (s->mode != ARMKVM_MODE_DIRECT) {
        return true;
    }
    if (!armkvm_arch_check_direct(ms, errp)) {
        return false;
    }
    if (!check_memory_options(ms, errp) || !armkvm_check_direct_pv(s, errp)) {
        return false;
    }
    if (s->emulate_asked) {
        error_setg(errp, "mode=direct cannot have QEMU execute a part of the "
                   "guest; leave out 'emulate=', or use 'mode=shadow'");
        return false;
    }
    s->emulate = false;
    return true;
}

/* -- the RAM -------------------------------------------------------------- */

static void report_no_window(uint64_t size, int err, Error **errp)
{
    if (err == ENOMEM) {
        error_setg(errp, "the host has no %" PRIu64 " MiB of RAM free in one "
                   "piece, or 'ulimit -l' is less; use a smaller '-m', or make "
                   "room: 'echo 1 | sudo tee /proc/sys/vm/compact_memory'",
                   size / MiB);
    } else {
        error_setg(errp, "the module armkvm has no %" PRIu64 " MiB of RAM for "
                   "the guest: %s; 'sudo dmesg | grep armkvm' may say why",
                   size / MiB, strerror(err));
    }
}

static bool window_alloc(HostMemoryBackend *backend, Error **errp)
{
    g_autofree char *name = host_memory_backend_get_name(backend);
    struct armkvm_window call = { .size = backend->size };
    ArmkvmWindow *window = ARMKVM_WINDOW(backend);
    ArmkvmState *s = armkvm_state;
    int ret;

    if (!s || s->mode != ARMKVM_MODE_DIRECT || s->ram_base) {
        error_setg(errp, TYPE_ARMKVM_WINDOW " is made by '-accel armkvm,"
                   "mode=direct' alone; leave it out");
        return false;
    }
    window->size = backend->size;
    if (window->size != backend->size) {
        report_no_window(backend->size, ENOMEM, errp);
        return false;
    }
    ret = armkvm_ioctl(s->vmfd, ARMKVM_CREATE_WINDOW, &call);
    trace_armkvm_window(call.size, call.address, call.offset, ret);
    if (ret < 0) {
        report_no_window(backend->size, -ret, errp);
        return false;
    }
    if (!armkvm_arch_check_window(call.address, call.size, errp)) {
        return false;
    }
    window->ram = mmap(NULL, window->size, PROT_READ | PROT_WRITE, MAP_SHARED,
                       s->vmfd, call.offset);
    if (window->ram == MAP_FAILED) {
        window->ram = NULL;
        error_setg_errno(errp, errno, "cannot map the guest's RAM of %" PRIu64
                         " MiB", (uint64_t)(window->size / MiB));
        return false;
    }
    /* A page that is given back is no other one when it comes again. */
    ret = ram_block_discard_disable(true);
    g_assert(ret == 0);
    s->ram_base = call.address;
    memory_region_init_ram_ptr(&backend->mr, OBJECT(backend), name,
                               window->size, window->ram);
    return true;
}

uint64_t armkvm_ram_base(void)
{
    return armkvm_enabled() ? armkvm_state->ram_base : 0;
}

/* -- in a saved VM -------------------------------------------------------- */

/* A kernel knows where its RAM is: it can go on at the same address only. */
static int window_pre_save(void *opaque)
{
    ArmkvmWindow *window = opaque;

    window->saved_address = armkvm_state->ram_base;
    return 0;
}

static int window_post_load(void *opaque, int version_id)
{
    ArmkvmWindow *window = opaque;

    if (window->saved_address != armkvm_state->ram_base) {
        error_report("armkvm: the saved guest's RAM was at 0x%" PRIx64 ", and "
                     "this VM's is at 0x%" PRIx64 ": it can go on at the same "
                     "address only", window->saved_address,
                     armkvm_state->ram_base);
        return -EINVAL;
    }
    window->came = true;
    return 0;
}

static const VMStateDescription vmstate_window = {
    .name = "armkvm-window",
    .version_id = 1,
    .minimum_version_id = 1,
    .pre_save = window_pre_save,
    .post_load = window_post_load,
    .fields = (const VMStateField[]) {
        VMSTATE_UINT64(saved_address, ArmkvmWindow),
        VMSTATE_END_OF_LIST()
    },
};

bool armkvm_accept_saved_window(CPUState *cpu)
{
    ArmkvmWindow *window = the_window;

    if (window && !window->came) {
        error_report("armkvm: the saved guest's RAM was where the board has "
                     "it, and this VM's is where the host has it: load it "
                     "without mode=direct");
        return false;
    }
    if (window && !CPU_NEXT(cpu)) {
        window->came = false;   /* the last vCPU's; as for the next VM */
    }
    return true;
}

/* -- the object ----------------------------------------------------------- */

bool armkvm_create_window(ArmkvmState *s, MachineState *ms, Error **errp)
{
    Object *obj;
    bool ok;

    if (s->mode != ARMKVM_MODE_DIRECT) {
        return true;
    }
    /* In all that can be seen of it, it is the RAM that a board has. */
    obj = object_new(TYPE_ARMKVM_WINDOW);
    object_property_add_child(object_get_objects_root(),
                              MACHINE_GET_CLASS(ms)->default_ram_id, obj);
    armkvm_state = s;
    ok = object_property_set_uint(obj, "size", ms->ram_size, errp) &&
         object_property_set_bool(obj, "x-use-canonical-path-for-ramblock-id",
                                  false, errp) &&
         object_property_set_bool(obj, "prealloc", false, errp) &&
         user_creatable_complete(USER_CREATABLE(obj), errp) &&
         object_property_set_link(OBJECT(ms), "memory-backend", obj, errp);
    if (ok) {
        the_window = ARMKVM_WINDOW(obj);
        vmstate_register(NULL, 0, &vmstate_window, the_window);
    } else {
        object_unparent(obj);
        armkvm_state = NULL;
    }
    object_unref(obj);
    return ok;
}

static void window_finalize(Object *obj)
{
    ArmkvmWindow *window = ARMKVM_WINDOW(obj);

    if (window == the_window) {
        vmstate_unregister(NULL, &vmstate_window, window);
        the_window = NULL;
    }
    if (window->ram) {
        munmap(window->ram, window->size);
        ram_block_discard_disable(false);
    }
}

static void window_class_init(ObjectClass *oc, ARMKVM_CLASS_DATA *data)
{
    MEMORY_BACKEND_CLASS(oc)->alloc = window_alloc;
}

static const TypeInfo window_type = {
    .name = TYPE_ARMKVM_WINDOW,
    .parent = TYPE_MEMORY_BACKEND,
    .instance_size = sizeof(ArmkvmWindow),
    .instance_finalize = window_finalize,
    .class_init = window_class_init,
};

static void window_register_types(void)
{
    type_register_static(&window_type);
}

type_init(window_register_types);
