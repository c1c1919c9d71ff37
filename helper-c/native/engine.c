/* SPDX-License-Identifier: MIT */
/*
 * The engine, and the few of its objects that a start uses which enters: to make all that the language has takes a fifth of such a start.
 * It is one file with the engine because the functions behind these objects have no names outside of it. That a start needs no others is
 * checked by their names when it is built (scripts/build-native.mjs).
 */
#define _GNU_SOURCE
#define CONFIG_VERSION "2021-03-27"
#include "native/engine.h"

#include "quickjs.c"

/* As the engine's own tables have them. */
static const JSCFunctionListEntry few_of_array[] = {
	JS_CFUNC_MAGIC_DEF("push", 1, js_array_push, 0),
	JS_CFUNC_MAGIC_DEF("[Symbol.iterator]", 0, js_create_array_iterator, JS_ITERATOR_KIND_VALUE),
};

static const JSCFunctionListEntry few_of_array_iterator[] = {
	JS_ITERATOR_NEXT_DEF("next", 0, js_array_iterator_next, 0),
};

static const JSCFunctionListEntry few_of_string[] = {
	JS_CFUNC_DEF("charAt", 1, js_string_charAt),
	JS_CFUNC_DEF("charCodeAt", 1, js_string_charCodeAt),
	JS_CFUNC_DEF("concat", 1, js_string_concat), /* a template */
	JS_CFUNC_MAGIC_DEF("indexOf", 1, js_string_indexOf, 0),
	JS_CFUNC_DEF("slice", 2, js_string_slice),
	JS_CFUNC_DEF("split", 2, js_string_split),
	JS_CFUNC_MAGIC_DEF("startsWith", 1, js_string_includes, 1),
};

static const JSCFunctionListEntry few_of_object[] = {
	JS_CFUNC_MAGIC_DEF("keys", 1, js_object_keys, JS_ITERATOR_KIND_KEY),
};

static const JSCFunctionListEntry few_globals[] = {
	JS_CFUNC_SPECIAL_DEF("Number", 1, constructor_or_func, js_number_constructor),
	JS_OBJECT_DEF("Object", few_of_object, countof(few_of_object), JS_PROP_WRITABLE | JS_PROP_CONFIGURABLE),
};

#define ADD(context, object, functions) JS_SetPropertyFunctionList(context, object, functions, countof(functions))

void add_few_objects(JSContext *context)
{
	JSValue *prototypes = context->class_proto;

	context->global_obj = JS_NewObject(context);
	context->global_var_obj = JS_NewObjectProto(context, JS_NULL);
	ADD(context, context->global_obj, few_globals);
	ADD(context, prototypes[JS_CLASS_ARRAY], few_of_array);
	prototypes[JS_CLASS_ARRAY_ITERATOR] = JS_NewObject(context);
	ADD(context, prototypes[JS_CLASS_ARRAY_ITERATOR], few_of_array_iterator);
	prototypes[JS_CLASS_STRING] = JS_NewObject(context);
	ADD(context, prototypes[JS_CLASS_STRING], few_of_string);
	/* The engine looks for what a number has without asking whether there is a prototype. */
	prototypes[JS_CLASS_NUMBER] = JS_NewObject(context);
	prototypes[JS_CLASS_BOOLEAN] = JS_NewObject(context);
	prototypes[JS_CLASS_SYMBOL] = JS_NewObject(context);
}

/*
 * The engine makes each object anew, the global one included, but for the prototypes of what there was before: of these only that of arrays
 * has got anything, which it must not find there.
 */
void add_base_objects(JSContext *context)
{
	JSValue few = context->global_obj;

	for (size_t i = 0; i < countof(few_of_array); i++) {
		JSAtom name = find_atom(context, few_of_array[i].name);

		(void)JS_DeleteProperty(context, context->class_proto[JS_CLASS_ARRAY], name, 0);
		JS_FreeAtom(context, name);
	}
	JS_AddIntrinsicBaseObjects(context);
	(void)JS_SetPropertyStr(context, context->global_obj, "native", JS_GetPropertyStr(context, few, "native"));
}
