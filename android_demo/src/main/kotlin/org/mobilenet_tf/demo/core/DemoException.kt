package org.mobilenet_tf.demo.core

/**
 * A problem that the person in front of the screen can solve. The message says what was expected, what was found
 * instead, and what to do.
 */
class DemoException(message: String, cause: Throwable? = null) : Exception(message, cause)
