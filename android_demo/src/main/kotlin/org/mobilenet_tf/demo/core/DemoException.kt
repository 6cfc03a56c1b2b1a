package org.mobilenet_tf.demo.core

/**
 * A problem that the person in front of the screen can solve. The message says what was expected, what was found
 * instead, and what to do.
 */
open class DemoException(message: String, cause: Throwable? = null) : Exception(message, cause)

/** The accelerator does not start, does not take the model, or stopped working. The model may be all right. */
class AcceleratorException(message: String, cause: Throwable? = null) : DemoException(message, cause)
