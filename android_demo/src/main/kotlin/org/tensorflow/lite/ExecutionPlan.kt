package org.tensorflow.lite

/**
 * The number of steps of one inference; all that a delegate runs counts as one. Null if this runtime does not report
 * it. The method is private to its package, hence the package of this file.
 */
internal fun Interpreter.executionPlanLengthOrNull(): Int? =
    try {
        getExecutionPlanLength()
    } catch (_: LinkageError) {
        null
    }
