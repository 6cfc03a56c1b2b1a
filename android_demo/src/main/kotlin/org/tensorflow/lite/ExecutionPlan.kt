package org.tensorflow.lite

/**
 * How many steps the interpreter takes for one inference; what a delegate took is a single one. Null where this runtime
 * does not tell: the method is for its own package, hence this file's.
 */
internal fun Interpreter.executionPlanLengthOrNull(): Int? =
    try {
        getExecutionPlanLength()
    } catch (_: LinkageError) {
        null
    }
