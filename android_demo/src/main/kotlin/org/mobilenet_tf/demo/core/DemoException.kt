package org.mobilenet_tf.demo.core

/** Something the person in front of the screen can mend. The message says what was expected, what came, and what to do. */
class DemoException(message: String, cause: Throwable? = null) : Exception(message, cause)
